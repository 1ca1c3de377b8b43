"""A statement in somebody else's page: the embed, oEmbed, what leads to them, and what hostile texts can do there."""

from __future__ import annotations

import json
import re
from html import unescape
from html.parser import HTMLParser
from urllib.parse import quote, urlencode, urlsplit

import pytest
from django.conf import settings
from django.urls import resolve

from talks.embeds import HIGHEST, WIDTH, estimated_height
from talks.models import Meeting, Person, Redirect, Source, Statement, Tombstone

pytestmark = pytest.mark.django_db

SITE = settings.SITE_URL
UMEROV, LAVROV = "umerov-awaits-memorandum", "lavrov-proposes-2-june"
DIRECT, MIXED, INDIRECT, NARRATION = UMEROV, LAVROV, "umerov-four-days", "report-second-meeting"
UNCHECKED, LOST = "umerov-awaits-memorandum-pravda", "lavrov-four-days"
KINDS = (DIRECT, MIXED, INDIRECT, NARRATION, UNCHECKED, LOST)
EVIL = "\"><script>alert('1')</script>&amp;</title></textarea><!--"
NEVER = ("<script>alert", "</textarea>", "<!--")
POLICY = "Content-Security-Policy"


@pytest.fixture(autouse=True)
def lost_words():
    """One quotation whose words are no longer found."""
    Statement.objects.filter(slug=LOST).update(verified_sha256="a" * 64)


def page_of(slug: str) -> str:
    return f"/statements/{slug}/"


def embed_of(slug: str) -> str:
    return f"/embed/statements/{slug}/"


def page(client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


def read(html: str) -> str:
    """What a reader reads: no head, no tags, white space folded."""
    return " ".join(unescape(re.sub(r"<[^>]+>", "", html.partition("<body>")[2])).split())


def ask(client, slug: str, **more: str):
    return client.get("/oembed", {"url": f"{SITE}{page_of(slug)}", **more})


class Tags(HTMLParser):
    """The tags of a page with their attributes, and the ids that labels name."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict]] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def named(self, name: str) -> list[dict]:
        return [attributes for tag, attributes in self.tags if tag == name]


# The embed


def test_an_embed_says_the_words_who_in_what_role_about_what_from_where_when_and_whether_they_were_found(client):
    said = read(page(client, embed_of(UMEROV)))
    order = ["Istanbul, 2 June 2025", "We are not opposed to further meetings", "Rustem Umerov",
             "Ukrainian Defense Minister", "on Facebook", "28 May 2025", "Direct quotation.",
             "Found in the source’s text, checked", "myglobalnews.net", "29 May 2025", "cgtn.com", "Talks in Context"]  # fmt: skip
    places = [said.index(words) for words in order]
    assert places == sorted(places)


def test_its_words_are_those_of_the_statement_code_point_for_code_point(client):
    quoted = re.search(r"<blockquote[^>]*><p>(.*?)</p></blockquote>", page(client, embed_of(UMEROV)))
    assert unescape(quoted[1]) == Statement.objects.get(slug=UMEROV).text
    assert "<q>sustainable peace settlement</q>" in page(client, embed_of(LAVROV))


@pytest.mark.parametrize("slug", KINDS)
def test_its_badge_is_that_of_the_statements_own_page(client, slug):
    badge = re.compile(r'<p class="badge.*?</p>', re.DOTALL)
    assert badge.search(page(client, embed_of(slug)))[0] == badge.search(page(client, page_of(slug)))[0]


def test_it_names_a_disagreement_of_the_sources(client):
    assert "Sources disagree: " in read(page(client, embed_of(LOST)))


@pytest.mark.parametrize("slug", KINDS)
def test_it_is_a_small_page_of_its_own_without_script_and_inline_style(client, slug):
    tags = Tags(page(client, embed_of(slug)))
    assert tags.named("html") == [{"lang": "en"}]
    assert {"name": "robots", "content": "noindex"} in tags.named("meta")
    relations = {link["rel"]: link for link in tags.named("link")}
    assert relations["canonical"]["href"] == f"{SITE}{page_of(slug)}"
    sheets = [link for link in tags.named("link") if link["rel"] == "stylesheet"]
    assert [link["href"] for link in sheets] == ["/static/css/tokens.css", "/static/css/embed.css"]
    assert all("crossorigin" in link for link in sheets), "a sandboxed frame gets none otherwise"
    assert {tag for tag, _ in tags.tags} & {"script", "style", "iframe", "img", "nav", "form", "base"} == set()
    assert not [attributes for _, attributes in tags.tags if {"style", "onclick"} & set(attributes)]
    assert len(tags.named("h1")) == len(tags.named("main")) == len(tags.named("title")) == 1


@pytest.mark.parametrize("slug", KINDS)
def test_its_links_open_a_page_of_this_site_in_the_whole_window(client, slug):
    links = Tags(page(client, embed_of(slug))).named("a")
    assert all(link["target"] == "_top" for link in links)
    addresses = {link["href"] for link in links}
    statement = Statement.objects.get(slug=slug)
    assert {page_of(slug), statement.meeting.get_absolute_url(), statement.source.get_absolute_url()} <= addresses
    assert {client.get(address).status_code for address in addresses} == {200}


def test_words_of_any_language_say_which_and_find_their_own_direction(client):
    Statement.objects.filter(slug=UMEROV).update(language="he")
    Statement.objects.filter(slug=INDIRECT).update(language="ar")
    assert '<blockquote class="statement-text" lang="he" dir="auto"' in page(client, embed_of(UMEROV))
    assert '<p class="statement-text" dir="auto" lang="ar">' in page(client, embed_of(INDIRECT))


def directives(answer) -> dict[str, str]:
    return dict(part.strip().partition(" ")[::2] for part in answer.headers[POLICY].split(";"))


def test_an_embed_may_stand_in_any_frame_and_is_otherwise_under_the_policy_of_every_page(client):
    answer, other = client.get(embed_of(UMEROV)), client.get(page_of(UMEROV))
    assert directives(answer) == {**directives(other), "frame-ancestors": "*"}
    assert directives(other)["frame-ancestors"] == "'none'"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert other.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    rest = {name for name in answer.headers if answer.headers[name] != other.headers.get(name)}
    assert rest == {POLICY, "Cross-Origin-Resource-Policy", "Content-Length", "ETag"}


def test_every_other_page_and_file_refuses_to_be_framed(client):
    seen = {"/nothing/": "404", "/oembed": "oembed", embed_of("nobody"): "404 of an embed"}
    for start in ("/", page_of(UMEROV), "/data/", "/statements/"):
        for link in re.findall(r'href="(/[^"#]*)', page(client, start)):
            parts = urlsplit(unescape(link))
            if not parts.path.startswith("/static/"):
                seen.setdefault(unescape(link), resolve(parts.path).url_name)
    kinds = {name: address for address, name in seen.items() if name != "statement-embed"}
    assert len(kinds) > 15
    for address in kinds.values():
        assert directives(client.get(address))["frame-ancestors"] == "'none'", address


def test_the_editors_process_keeps_its_own_policy_there_too(client, editor_site):
    answer = client.get(embed_of(UMEROV))
    assert directives(answer)["frame-ancestors"] == "*"
    assert directives(answer)["connect-src"] == "'self'"


def test_an_embed_depends_on_nothing_but_address_and_edition(client):
    first = client.get(embed_of(UMEROV))
    other = client.get(embed_of(UMEROV), headers={"host": "localhost", "accept-language": "uk", "cookie": "a=b"})
    assert first.content == other.content
    known = {"if-none-match": first.headers["ETag"]}
    assert client.get(embed_of(UMEROV), headers=known).status_code == 304
    Statement.objects.filter(slug=UMEROV).update(channel="Telegram")
    assert "on Telegram" in read(client.get(embed_of(UMEROV), headers=known).content.decode())


def test_an_embed_takes_few_queries(client, django_assert_max_num_queries):
    with django_assert_max_num_queries(6):
        client.get(embed_of(UMEROV))


def withdraw(slug: str) -> None:
    Statement.objects.filter(slug=slug).update(
        status="withdrawn", withdrawn_on="2026-12-01", withdrawn_because="It was entered twice."
    )


def test_a_withdrawn_statement_is_gone_and_the_frame_says_so_without_its_words(client):
    withdraw(UMEROV)
    answer = client.get(embed_of(UMEROV))
    assert answer.status_code == 410
    said = read(answer.content.decode())
    assert "This statement was withdrawn on 1 December 2026. It was entered twice." in said
    assert "We are not opposed" not in answer.content.decode()
    assert "Umerov" not in said
    assert directives(answer)["frame-ancestors"] == "*"
    assert f'<a href="{page_of(UMEROV)}" target="_top"' in answer.content.decode()


def test_a_tombstone_is_gone_too(client):
    Tombstone.objects.create(
        record="statements", slug="old", withdrawn_on="2026-12-01", withdrawn_because="Never said."
    )
    answer = client.get(embed_of("old"))
    assert answer.status_code == 410
    assert "Never said." in read(answer.content.decode())
    assert f'<link rel="canonical" href="{SITE}/statements/old/">' in answer.content.decode()


def test_a_changed_slug_redirects_and_an_unknown_one_or_a_draft_is_a_404(client):
    Redirect.objects.create(record="statements", old_slug="before", slug=UMEROV)
    answer = client.get(embed_of("before"))
    assert (answer.status_code, answer.headers["Location"]) == (301, embed_of(UMEROV))
    Statement.objects.filter(slug=LAVROV).update(status="draft")
    assert {client.get(embed_of(slug)).status_code for slug in ("nobody", LAVROV)} == {404}
    assert client.get(embed_of(UMEROV).rstrip("/")).headers["Location"] == embed_of(UMEROV)


# oEmbed


def iframe(html: str) -> dict:
    """The attributes of the one tag that the code has."""
    tags = Tags(html).tags
    assert [tag for tag, _ in tags] == ["iframe"]
    assert html.endswith("></iframe>")
    return tags[0][1]


def test_oembed_hands_out_a_frame_for_a_statement(client):
    answer = ask(client, UMEROV, format="json")
    assert answer.headers["Content-Type"] == "application/json"
    told = answer.json()
    title = "Rustem Umerov: We are not opposed to further meetings with the Russians …"
    html = told.pop("html")
    height = estimated_height(172, WIDTH)
    assert told == {
        "type": "rich", "version": "1.0", "title": title, "author_name": "Rustem Umerov",
        "author_url": f"{SITE}/people/rustem-umerov/", "provider_name": "Talks in Context",
        "provider_url": f"{SITE}/", "width": 550, "height": height,
    }  # fmt: skip
    assert iframe(html) == {
        "src": f"{SITE}{embed_of(UMEROV)}", "width": "550", "height": str(height), "title": title, "loading": "lazy",
        "sandbox": "allow-top-navigation-by-user-activation allow-popups", "frameborder": "0",
    }  # fmt: skip


def test_the_author_is_who_says_it_a_name_as_printed_or_the_source_itself(client):
    source = Source.objects.get(statements__slug=NARRATION)
    told = ask(client, NARRATION).json()
    assert (told["author_name"], told["author_url"]) == (source.publisher, f"{SITE}{source.get_absolute_url()}")
    Statement.objects.filter(slug=INDIRECT).update(speaker=None, speaker_as_printed="A delegate")
    told = ask(client, INDIRECT).json()
    assert told["author_name"] == "A delegate"
    assert "author_url" not in told


@pytest.mark.parametrize(
    ("asked", "size"),
    [({}, None), ({"maxwidth": "", "maxheight": "", "format": ""}, None), ({"maxwidth": "550"}, None),
     ({"maxwidth": "999999999", "maxheight": "999999999"}, None), ({"maxwidth": "320"}, (320, None)),
     ({"maxwidth": "1", "maxheight": "1"}, (1, 1)), ({"maxheight": "0200"}, (550, 200))],
)  # fmt: skip
def test_a_frame_is_never_larger_than_asked(client, asked, size):
    told = ask(client, UMEROV, **asked).json()
    width, height = size or (550, None)
    assert (told["width"], told["height"]) == (width, height or estimated_height(172, width))
    assert (iframe(told["html"])["width"], iframe(told["html"])["height"]) == (str(width), str(told["height"]))


def test_a_frame_grows_with_its_text_and_as_it_gets_narrower_up_to_a_limit():
    for shorter, longer in ((0, 1), (1, 300), (300, 1000), (1000, 10**9)):
        assert estimated_height(shorter, 550) <= estimated_height(longer, 550) <= HIGHEST
    assert estimated_height(170, 280) > estimated_height(170, 390) > estimated_height(170, 550)
    assert estimated_height(10**9, 1) == HIGHEST
    assert isinstance(estimated_height(170, 333), int)


@pytest.mark.parametrize(
    "end", ["/", "", "/?x=1&y=2", "?x", "/#cite", "#:~:text=We%20are", "/?u=http://other.example/"]
)
def test_slash_query_and_fragment_of_the_address_do_not_matter(client, end):
    answer = client.get("/oembed", {"url": f"{SITE}/statements/{UMEROV}{end}"})
    assert answer.status_code == 200, end
    assert answer.json() == ask(client, UMEROV).json()


def refused(answer, status: int) -> str:
    """The problem's title (RFC 9457), which other sites may read."""
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    told = answer.json()
    assert told["status"] == status
    return told["title"]


OTHERS = [
    "https://other.example/statements/{slug}/", "//127.0.0.1:8000/statements/{slug}/", "/statements/{slug}/", "{slug}",
    "{site}@other.example/statements/{slug}/", "http://reader:secret@127.0.0.1:8000/statements/{slug}/",
    "{site}.other.example/statements/{slug}/", "{site}0/statements/{slug}/", "{site}/people/rustem-umerov/", "{site}/",
    "{site}/statements/", "{site}/statements", "{site}/statements//", "{site}/statements/{slug}/{slug}/",
    "{site}/statements/{slug}.json", "{site}/statements/../statements/{slug}/", "{site}/embed/statements/{slug}/",
    "{site}/statements/{slug}//", " {site}/statements/{slug}/", "{site}/statements/{slug}/\n", "{site}/statements/{slug}\0",
    "{site}/statements/nobody/", "{site}/statements/%75merov-awaits-memorandum/", "{site}/statements/ümerov/",
    "javascript:alert(1)//{site}/statements/{slug}/", "https://other.example/?{site}/statements/{slug}/",
    "{site}/statements/" + "x" * 5000, "{site}/statements/١/", "\0", "?", "#",
]  # fmt: skip


@pytest.mark.parametrize("url", OTHERS)
def test_an_address_that_is_no_statements_page_here_is_a_404(client, url):
    refused(client.get("/oembed", {"url": url.format(site=SITE, slug=UMEROV)}), 404)


@pytest.mark.parametrize("end", ["%", "%ZZ", "%ff%fe", "%c3%28", "%00", "%u0041", "%ed%a0%80"])
def test_a_bad_percent_encoding_is_a_404_and_never_a_fault(client, end):
    refused(client.get(f"/oembed?url={SITE}/statements/{UMEROV}{end}"), 404)
    refused(client.get(f"/oembed?url={SITE}/statements/{UMEROV}/&maxwidth={end}"), 400)


def test_without_an_address_it_is_a_400(client):
    assert "url" in refused(client.get("/oembed"), 400)
    assert "url" in refused(client.get("/oembed?url="), 400)


@pytest.mark.parametrize("name", ["maxwidth", "maxheight"])
@pytest.mark.parametrize(
    "value", ["0", "00", "-1", "+5", "1.5", "1e3", "x", " 5", "5\n", "٣", "²", "\0", "1\0", "1" * 10, "9" * 5000, "NaN"]
)
def test_room_that_is_no_positive_number_is_a_400(client, name, value):
    assert name in refused(ask(client, UMEROV, **{name: value}), 400)


@pytest.mark.parametrize("format", ["xml", "XML", "JSON", "json ", "html", "\0", "json\0", "x" * 5000])
def test_a_format_that_is_not_offered_is_a_501_and_no_fault_of_the_site(client, caplog, format):
    with caplog.at_level("WARNING", "django.request"):
        assert "format" in refused(ask(client, UMEROV, format=format), 501)
    assert {record.levelname for record in caplog.records} == {"WARNING"}


def test_a_withdrawn_statement_is_a_410_with_its_reason_and_a_moved_one_is_asked_for_again(client):
    Redirect.objects.create(record="statements", old_slug="before", slug=UMEROV)
    answer = ask(client, "before", maxwidth="320")
    query = urlencode({"url": f"{SITE}{page_of(UMEROV)}", "maxwidth": "320"})
    assert (answer.status_code, answer.headers["Location"]) == (301, f"/oembed?{query}")
    assert client.get(answer.headers["Location"]).json()["width"] == 320
    withdraw(UMEROV)
    assert "It was entered twice." in refused(ask(client, UMEROV), 410)
    Statement.objects.filter(slug=LAVROV).update(status="draft")
    refused(ask(client, LAVROV), 404)


def test_other_sites_may_read_what_it_says_and_absolute_addresses_are_the_sites_own(client):
    answer = client.get("/oembed", {"url": f"{SITE}{page_of(UMEROV)}"}, headers={"host": "localhost"})
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert answer.content == ask(client, UMEROV).content
    assert "localhost" not in answer.content.decode()
    assert client.get("/oembed/").status_code == 404
    assert client.post("/oembed").status_code == 405


# The statement's own page


def fields(html: str) -> dict[str, str]:
    """The fields to copy from: what each is called, and what it holds."""
    section = html[html.index('<div class="copy-fields">') :]
    labels = re.findall(r'<label for="([^"]+)">([^<]+)</label><input id="([^"]+)"', section)
    assert all(named == own for named, _, own in labels)
    inputs = {field["id"]: field for field in Tags(section).named("input")}
    assert len(labels) == len(inputs)
    assert all("readonly" in field and "name" not in field for field in inputs.values())
    return {label: inputs[own]["value"] for own, label, _ in labels}


SENTENCE, ADDRESS = "Sentence to cite", "Permanent address"
PASSAGE, CODE = "Address of the very words in the source", "Code to show it in another page"


def test_a_statements_page_leads_to_its_oembed(client):
    for statement in Statement.objects.published():
        links = Tags(page(client, statement.get_absolute_url())).named("link")
        found = [link for link in links if link.get("type") == "application/json+oembed"]
        assert [(link["rel"], link["title"]) for link in found] == [("alternate", str(statement))]
        address = f"{SITE}{statement.get_absolute_url()}"
        assert found[0]["href"] == f"{SITE}/oembed?url={quote(address, safe='')}"
        told = client.get(found[0]["href"].removeprefix(SITE)).json()
        assert iframe(told["html"])["src"] == f"{SITE}/embed{statement.get_absolute_url()}"


def test_the_fields_hold_the_sentence_the_address_the_words_address_and_the_code(client):
    for statement in Statement.objects.published():
        html = page(client, statement.get_absolute_url())
        held = fields(html)
        sentence = re.search(r'class="folio-text citation">\s*<p>(.*?)</p>', html)
        assert held[SENTENCE] == unescape(sentence[1])
        assert held[ADDRESS] == f"{SITE}{statement.get_absolute_url()}"
        assert held.get(PASSAGE, "") == statement.passage_url
        assert held[CODE] == ask(client, statement.slug).json()["html"]
        assert f'<a href="/embed{statement.get_absolute_url()}">' in html
        assert html.count("<script") == html.count('<script type="application/ld+json">') + html.count(
            "<script defer src="
        )
    assert PASSAGE not in fields(page(client, page_of(NARRATION)))


@pytest.mark.parametrize("length", [1, 59, 550, 941, 943, 1259, 1260, 1261, 1262, 1300, 9000])
def test_the_code_is_as_high_as_oembed_says_for_a_text_of_any_length(client, length):
    Statement.objects.filter(slug=INDIRECT).update(text="a\n" * (length // 2) + "b" * (length % 2))
    assert fields(page(client, page_of(INDIRECT)))[CODE] == ask(client, INDIRECT).json()["html"]


@pytest.mark.parametrize(
    ("slug", "said"),
    [(DIRECT, ""), (MIXED, ""), (INDIRECT, ""), (NARRATION, ""),
     (UNCHECKED, "The words were not yet looked for in the source’s text; each citation says so itself."),
     (LOST, "The words are no longer found in the source’s text; each citation says so itself.")],
)  # fmt: skip
def test_beside_the_citation_files_stands_what_they_say_of_words_that_are_not_found(client, slug, said):
    html = page(client, page_of(slug))
    part = html[html.index('<div class="copy-files">') :].partition("</div>")[0]
    links = {text: address for address, text in re.findall(r'<a href="([^"]+)">([^<]+)</a>', part)}
    assert links == {
        "BibTeX": f"/statements/{slug}.bib",
        "RIS": f"/statements/{slug}.ris",
        "CSL-JSON": f"/statements/{slug}.csl.json",
    }
    assert part.partition("CSL-JSON</a>.")[2].partition("</p>")[0].strip() == said
    for address in links.values():
        answer = client.get(address)
        assert answer.status_code == 200
        assert ("not checked against the source’s" in answer.content.decode()) == bool(said), address


# Hostile texts


def test_text_from_data_is_never_markup_and_escaped_twice_within_code_that_is_shown(client):
    Meeting.objects.update(title=EVIL, city=EVIL)
    Person.objects.update(name=EVIL, sort_name=EVIL)
    Source.objects.update(publisher=EVIL, publisher_note=EVIL, title=EVIL)
    Statement.objects.update(role_as_printed=EVIL, channel=EVIL)
    Statement.objects.filter(slug=INDIRECT).update(text=EVIL)
    for slug in KINDS:
        html = page(client, embed_of(slug))
        assert not [sign for sign in NEVER if sign in html]
        assert EVIL in " ".join(unescape(html).split())
        own = page(client, page_of(slug))
        assert not [sign for sign in NEVER if sign in own]
        told = json.loads(ask(client, slug).content)
        assert EVIL in told["title"]
        assert iframe(told["html"])["title"] == told["title"]
        assert "<script" not in told["html"]
        assert fields(own)[CODE] == told["html"]
        assert "&amp;lt;script&amp;gt;" in own
