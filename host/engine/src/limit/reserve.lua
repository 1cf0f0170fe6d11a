-- Uses one call of a sliding window with reserved tokens, if every limit lets it pass.
-- KEYS: the user's log of calls and the log of all (sorted sets: name of the call, time in ms), the tokens of calls (hash).
-- ARGV: most calls and tokens of the user, most calls and tokens of all ('' where there is no such limit), window in ms, how
-- long calls stay in the log in ms, now in ms or '' for this server's clock, tokens to reserve; '' only looks, a name for the
-- call that no other one has.
-- Returns {1, 0, 0} or {0, ms to wait, which limit}; for a look the tokens of the user, and the
-- calls and tokens of all.
local now = tonumber(ARGV[7])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
local window, kept = tonumber(ARGV[5]), tonumber(ARGV[6])

-- Where calls of all users count, another user may have moved a call of the future in the log of all.
local overall = ARGV[3] ~= '' or ARGV[4] ~= ''

local function counted(log)
  local found = redis.call('ZRANGEBYSCORE', log, '(' .. (now - window), '+inf', 'WITHSCORES')
  local calls = {}
  for i = 1, #found, 2 do
    local at = tonumber(found[i + 1])
    if overall then
      at = math.min(at, tonumber(redis.call('ZSCORE', KEYS[2], found[i]) or at))
    end
    if at > now - window then
      local tokens = tonumber(redis.call('HGET', KEYS[3], found[i]) or '0')
      table.insert(calls, {at = math.min(at, now), tokens = tokens})
    end
  end
  table.sort(calls, function(one, other) return one.at < other.at end)
  return calls
end

local function used(calls, of)
  local sum = 0
  for _, call in ipairs(calls) do sum = sum + of(call) end
  return sum
end
local function one() return 1 end
local function tokens(call) return call.tokens end

if ARGV[8] == '' then
  local own, all = counted(KEYS[1]), counted(KEYS[2])
  return {used(own, tokens), used(all, one), used(all, tokens)}
end

for _, log in ipairs({KEYS[1], KEYS[2]}) do
  -- A call in the future was made before somebody set the clock back: it counts as made now.
  for _, call in ipairs(redis.call('ZRANGEBYSCORE', log, '(' .. now, '+inf')) do
    redis.call('ZADD', log, now, call)
  end
  for _, call in ipairs(redis.call('ZRANGEBYSCORE', log, '-inf', now - kept)) do
    redis.call('HDEL', KEYS[3], call)
  end
  redis.call('ZREMRANGEBYSCORE', log, '-inf', now - kept)
end

local reserved = tonumber(ARGV[8])
local own, all = counted(KEYS[1]), counted(KEYS[2])
local longest, which = 0, 0
for limit, scope in ipairs({{own, one}, {own, tokens}, {all, one}, {all, tokens}}) do
  local most = tonumber(ARGV[limit])
  if most then
    local calls, of = scope[1], scope[2]
    local wanted = of == one and 1 or math.min(reserved, most)
    local missing = used(calls, of) + wanted - most
    if missing > 0 then
      local at = now
      for _, call in ipairs(calls) do
        missing = missing - of(call)
        if missing <= 0 then at = call.at break end
      end
      local wait = math.max(1, at + window - now)
      if wait > longest then longest, which = wait, limit - 1 end
    end
  end
end
if longest > 0 then
  return {0, longest, which}
end

local call = 'r' .. ARGV[9]
redis.call('ZADD', KEYS[1], now, call)
redis.call('ZADD', KEYS[2], now, call)
redis.call('HSET', KEYS[3], call, reserved)
for _, key in ipairs(KEYS) do redis.call('PEXPIRE', key, kept) end
return {1, 0, 0}
