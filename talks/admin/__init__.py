"""The editor's admin: `site` is the site and `login` the way in, `noun` is what all nouns share, `nouns` the registered
classes, `inlines` what stands inside them. What registers something is named in `apps`."""
