-- For wrk: walks through the addresses of a file, if one is named, and tells what was found as one line of JSON.
-- Arguments: the file ("-" for the one address of the command line), and how many of its lines to leave out; "anew" for
-- requests of which none says what another one said.

local addresses = {}
local place = 0

function init(arguments)
  if arguments[1] and arguments[1] ~= "-" then
    local left_out = tonumber(arguments[2] or "0")
    for line in io.lines(arguments[1]) do
      if left_out > 0 then left_out = left_out - 1 else addresses[#addresses + 1] = line end
    end
    request = function()
      place = place % #addresses + 1
      return wrk.format("GET", addresses[place])
    end
  end
  if arguments[3] == "anew" then
    request = function()
      place = place + 1
      wrk.headers["User-Agent"] = "wrk/" .. place
      return wrk.format("GET")
    end
  end
end

function done(summary, latency, requests)
  local faults = summary.errors
  io.write(string.format(
    '\nJSON {"requests": %d, "seconds": %f, "bytes": %d, "p50": %f, "p95": %f, "p99": %f, "worst": %f, '
      .. '"refused": %d, "broken": %d}\n',
    summary.requests, summary.duration / 1e6, summary.bytes, latency:percentile(50) / 1e3,
    latency:percentile(95) / 1e3, latency:percentile(99) / 1e3, latency.max / 1e3, faults.status,
    faults.connect + faults.read + faults.write + faults.timeout))
end
