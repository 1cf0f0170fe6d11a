-- Looks at a sliding window without using it.
-- KEYS: the log of calls. ARGV: most calls, window in ms, now in ms or '' for this server's clock.
-- Returns {calls left, ms until there is one more; -1 where all are free}.
local now = tonumber(ARGV[3])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
local most, window = tonumber(ARGV[1]), tonumber(ARGV[2])
local oldest = '(' .. (now - window)
local used = redis.call('ZCOUNT', KEYS[1], oldest, '+inf')
if used == 0 then
  return {most, -1}
end
local over = math.max(0, used - most)
local leaving = redis.call('ZRANGEBYSCORE', KEYS[1], oldest, '+inf', 'WITHSCORES', 'LIMIT', over, 1)
local at = math.min(tonumber(leaving[2]), now)
return {math.max(0, most - used), math.max(1, at + window - now)}
