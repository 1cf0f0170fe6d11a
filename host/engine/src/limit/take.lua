-- Uses one call of a sliding window, if one is left.
-- KEYS: the log of calls (sorted set: name of the call, time in ms).
-- ARGV: most calls, window in ms, how long calls stay in the log in ms, now in ms or '' for this server's clock, a name for
-- the call that no other one has.
-- Returns {1, 0} or {0, ms until a call frees}.
local now = tonumber(ARGV[4])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
local most, window, kept = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])

-- A call in the future was made before somebody set the clock back: it counts as made now.
for _, call in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. now, '+inf')) do
  redis.call('ZADD', KEYS[1], now, call)
end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - kept)

local oldest = '(' .. (now - window)
local used = redis.call('ZCOUNT', KEYS[1], oldest, '+inf')
if used < most then
  redis.call('ZADD', KEYS[1], now, ARGV[5])
  redis.call('PEXPIRE', KEYS[1], kept)
  return {1, 0}
end
local leaving = redis.call('ZRANGEBYSCORE', KEYS[1], oldest, '+inf', 'WITHSCORES', 'LIMIT', used - most, 1)
return {0, math.max(1, tonumber(leaving[2]) + window - now)}
