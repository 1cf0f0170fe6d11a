-- Looks at a sliding window without using it.
-- KEYS: the log of calls; where calls of all users count, also the log of all, in which another user may have moved a
-- call of the future. ARGV: most calls, window in ms, now in ms or '' for this server's clock.
-- Returns {calls left, ms until there is one more; -1 where all are free}.
local now = tonumber(ARGV[3])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
local most, window = tonumber(ARGV[1]), tonumber(ARGV[2])
local found = redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. (now - window), '+inf', 'WITHSCORES')
local times = {}
for i = 1, #found, 2 do
  local at = tonumber(found[i + 1])
  if KEYS[2] then
    at = math.min(at, tonumber(redis.call('ZSCORE', KEYS[2], found[i]) or at))
  end
  if at > now - window then
    table.insert(times, math.min(at, now))
  end
end
if #times == 0 then
  return {most, -1}
end
table.sort(times)
local leaving = times[math.max(0, #times - most) + 1]
return {math.max(0, most - #times), math.max(1, leaving + window - now)}
