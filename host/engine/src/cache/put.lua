-- Keeps one sealed value, within the bytes that its space may hold.
-- KEYS: the entry, the space's expiries (sorted set: name, time in ms), the space's sizes (hash: name, bytes).
-- ARGV: value, name, lifetime in ms, most bytes, bytes of overhead an entry, '1' to make room or '0' to refuse,
--       what stands before a name to make its key.
-- Returns 1, or 0 where there is no room.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local value, name, lifetime = ARGV[1], ARGV[2], tonumber(ARGV[3])
local most, size = tonumber(ARGV[4]), #ARGV[1] + tonumber(ARGV[5])

for _, old in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now)) do
  redis.call('HDEL', KEYS[3], old)
  redis.call('ZREM', KEYS[2], old)
end
local held = 0
local sizes = redis.call('HGETALL', KEYS[3])
for i = 1, #sizes, 2 do
  if sizes[i] ~= name then held = held + tonumber(sizes[i + 1]) end
end
if held + size > most then
  if ARGV[6] == '0' or size > most then return 0 end
  for _, old in ipairs(redis.call('ZRANGE', KEYS[2], 0, -1)) do
    if held + size <= most then break end
    if old ~= name then
      held = held - tonumber(redis.call('HGET', KEYS[3], old) or '0')
      redis.call('DEL', ARGV[7] .. old)
      redis.call('ZREM', KEYS[2], old)
      redis.call('HDEL', KEYS[3], old)
    end
  end
end
redis.call('SET', KEYS[1], value, 'PX', lifetime)
redis.call('ZADD', KEYS[2], now + lifetime, name)
redis.call('HSET', KEYS[3], name, size)
for i = 2, 3 do
  if redis.call('PTTL', KEYS[i]) < lifetime then redis.call('PEXPIRE', KEYS[i], lifetime) end
end
return 1
