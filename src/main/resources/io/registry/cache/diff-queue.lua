-- Images that wait to be compared: a stream at KEYS[1] with the group 'workers', and at KEYS[2] a
-- hash of each image's entry in the stream. ARGV[1] names the operation.
local stream, queued, operation = KEYS[1], KEYS[2], ARGV[1]
local group = 'workers'

-- A value of another type was not written by the registry.
local function own(key, type)
  local kind = redis.call('TYPE', key).ok
  if kind ~= type and kind ~= 'none' then
    redis.call('DEL', key)
  end
end
own(stream, 'stream')
own(queued, 'hash')

local function ensureGroup()
  if #redis.call('XINFO', 'GROUPS', stream) == 0 then
    redis.call('XGROUP', 'CREATE', stream, group, '0')
  end
end

-- The consumer that holds the entry, and how many times the entry was handed out.
local function holder(entry)
  if redis.call('EXISTS', stream) == 0 then
    return nil
  end
  ensureGroup()
  return redis.call('XPENDING', stream, group, entry, entry, 1)[1]
end

-- When the hash was lost, the image may have got another entry; only that one is valid then.
local function isHeldBy(consumer, entry, image)
  local held = holder(entry)
  return held and held[2] == consumer and redis.call('HGET', queued, image) == entry
end

local function remove(entry, image)
  redis.call('XACK', stream, group, entry)
  redis.call('XDEL', stream, entry)
  if redis.call('HGET', queued, image) == entry then
    redis.call('HDEL', queued, image)
  end
end

-- An image that has another entry is not handed out by this one.
local function give(entry, deliveries)
  local image = entry[2][2]
  redis.call('HSETNX', queued, image, entry[1])
  if redis.call('HGET', queued, image) ~= entry[1] then
    remove(entry[1], image)
    return {'none', tostring(redis.call('XLEN', stream))}
  end
  return {'job', entry[1], entry[2][2], tostring(deliveries), tostring(redis.call('XLEN', stream))}
end

-- image, up to how many may wait
if operation == 'add' then
  local image = ARGV[2]
  local entry = redis.call('HGET', queued, image)
  -- The stream may have been lost without the hash.
  if entry and #redis.call('XRANGE', stream, entry, entry) == 1 then
    return {'there', tostring(redis.call('XLEN', stream))}
  end
  if redis.call('XLEN', stream) >= tonumber(ARGV[3]) then
    return {'full', tostring(redis.call('XLEN', stream))}
  end
  redis.call('HSET', queued, image, redis.call('XADD', stream, '*', 'image', image))
  ensureGroup()
  return {'added', tostring(redis.call('XLEN', stream))}
end

-- consumer, after how many milliseconds without a renewal work is taken over
if operation == 'take' then
  local consumer, claim = ARGV[2], tonumber(ARGV[3])
  if redis.call('EXISTS', stream) == 0 then
    return {'none', '0'}
  end
  ensureGroup()
  for _, pending in ipairs(redis.call('XPENDING', stream, group, '-', '+', 100)) do
    if pending[3] >= claim then
      local claimed = redis.call('XCLAIM', stream, group, consumer, claim, pending[1])
      if #claimed == 1 and claimed[1] then
        return give(claimed[1], pending[4] + 1)
      end
      redis.call('XACK', stream, group, pending[1])
    end
  end
  local read = redis.call('XREADGROUP', 'GROUP', group, consumer, 'COUNT', 1, 'STREAMS', stream, '>')
  if read then
    return give(read[1][2][1], 1)
  end
  return {'none', tostring(redis.call('XLEN', stream))}
end

-- consumer, entry, image
if operation == 'renew' then
  if not isHeldBy(ARGV[2], ARGV[3], ARGV[4]) then
    return {'lost'}
  end
  redis.call('XCLAIM', stream, group, ARGV[2], 0, ARGV[3], 'JUSTID')
  return {'held'}
end

-- consumer, entry, image, reason, for how many milliseconds the reason is kept at KEYS[3]
if operation == 'refuse' then
  if isHeldBy(ARGV[2], ARGV[3], ARGV[4]) then
    redis.call('SET', KEYS[3], ARGV[5], 'PX', ARGV[6])
    remove(ARGV[3], ARGV[4])
  end
  return {'ended'}
end

-- consumer, entry, image
if operation == 'done' then
  if isHeldBy(ARGV[2], ARGV[3], ARGV[4]) then
    remove(ARGV[3], ARGV[4])
  end
  return {'ended'}
end

-- consumer, entry, idle time in milliseconds that is set on the entry, so that it is handed out
-- again at once; this delivery does not count
if operation == 'release' then
  local held = holder(ARGV[3])
  if held and held[2] == ARGV[2] then
    redis.call('XCLAIM', stream, group, ARGV[2], 0, ARGV[3], 'IDLE', ARGV[4],
      'RETRYCOUNT', math.max(held[4] - 1, 0), 'JUSTID')
  end
  return {'ended'}
end

-- consumer, after how many idle milliseconds a consumer without entries is removed
if operation == 'tidy' then
  if redis.call('EXISTS', stream) == 1 then
    ensureGroup()
    for _, consumer in ipairs(redis.call('XINFO', 'CONSUMERS', stream, group)) do
      local about = {}
      for i = 1, #consumer, 2 do
        about[consumer[i]] = consumer[i + 1]
      end
      if about.pending == 0 and about.name ~= ARGV[2] and about.idle >= tonumber(ARGV[3]) then
        redis.call('XGROUP', 'DELCONSUMER', stream, group, about.name)
      end
    end
  end
  return {'ended'}
end

return redis.error_reply('ERR unknown operation ' .. operation)
