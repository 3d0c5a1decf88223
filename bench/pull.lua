-- The requests of a pull, of one repository after the other, in an order as good as any.
local repositories, image
local step, repository = 0, ""

function init(arguments)
  repositories = tonumber(arguments[1])
  image = arguments[2]
  math.randomseed(tonumber(tostring({}):match("0x(%x+)"), 16) % 2 ^ 31)
end

function request()
  step = step % 5 + 1
  if step == 1 then
    repository = "/v1/repositories/bench/r" .. math.random(0, repositories - 1)
    return wrk.format("GET", repository .. "/images")
  elseif step == 2 then
    return wrk.format("GET", repository .. "/tags")
  elseif step == 3 then
    return wrk.format("GET", "/v1/images/" .. image .. "/ancestry")
  elseif step == 4 then
    return wrk.format("GET", "/v1/images/" .. image .. "/json")
  end
  return wrk.format("GET", "/v1/images/" .. image .. "/layer")
end
