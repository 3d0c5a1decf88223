-- The cached parts of one repository: a hash at KEYS[1], whose fields are
--   t         the token for readers that read the store in order to cache a part
--   v<part>   a cached part
-- or, while the repository is being changed,
--   c         a marker
--   c<change> a change in progress, and when it stops blocking the cache
-- ARGV[1] names the operation, ARGV[2] the server that has to run it: a value of another server,
-- or of this one before a restart or a failover, may be old.
local key, operation = KEYS[1], ARGV[1]

local replication = redis.call('INFO', 'replication')
local server = ''
if string.find(replication, 'role:master', 1, true) then
  local run = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
  local history = string.match(replication, 'master_replid:(%w+)')
  server = run and history and run .. '-' .. history or ''
end
if operation == 'probe' then -- milliseconds
  if server ~= '' then
    redis.call('SET', key, '1', 'PX', ARGV[3])
  end
  return {'other', server}
end
if server == '' or server ~= ARGV[2] then
  return {'other', server}
end

-- A value of another type was not written by the registry.
local kind = redis.call('TYPE', key).ok
if kind ~= 'hash' and kind ~= 'none' then
  redis.call('DEL', key)
end

local function isChanging()
  return redis.call('HEXISTS', key, 'c') == 1
end

local function forget()
  if not isChanging() then
    redis.call('DEL', key)
  end
end

local function milliseconds()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

-- A process that died, or does not know the outcome of its change, never ends the change.
local function endOverdue()
  local now = milliseconds()
  local fields = redis.call('HGETALL', key)
  for i = 1, #fields, 2 do
    if fields[i] ~= 'c' and tonumber(fields[i + 1]) > now then
      return
    end
  end
  redis.call('DEL', key)
end

if operation == 'find' then -- part, a new token, milliseconds
  if isChanging() then
    endOverdue()
  end
  if isChanging() then
    return {'changing'}
  end
  if redis.call('HSETNX', key, 't', ARGV[4]) == 1 then
    redis.call('PEXPIRE', key, ARGV[5])
  end
  local found = redis.call('HMGET', key, 't', 'v' .. ARGV[3])
  return {'found', found[1], found[2] or ''}

elseif operation == 'remember' then -- token, part, value
  if redis.call('HGET', key, 't') ~= ARGV[3] then
    return {'changed'}
  end
  redis.call('HSET', key, 'v' .. ARGV[4], ARGV[5])
  return {'remembered'}

elseif operation == 'block' then -- change, milliseconds
  forget()
  redis.call('HSET', key, 'c', '1', 'c' .. ARGV[3], string.format('%.0f', milliseconds() + ARGV[4]))
  redis.call('PEXPIRE', key, ARGV[4])
  return {'blocked'}

elseif operation == 'unblock' then -- change
  forget()
  redis.call('HDEL', key, 'c' .. ARGV[3])
  if redis.call('HLEN', key) == 1 then
    redis.call('DEL', key)
  end
  return {'unblocked'}
end
