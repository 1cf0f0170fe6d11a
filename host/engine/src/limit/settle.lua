-- Says what a call used, or takes it back.
-- KEYS: as for the reservation. ARGV: name of the call, its tokens or '' where it was not made.
local call = 'r' .. ARGV[1]
if ARGV[2] == '' then
  redis.call('ZREM', KEYS[1], call)
  redis.call('ZREM', KEYS[2], call)
  redis.call('HDEL', KEYS[3], call)
elseif redis.call('ZSCORE', KEYS[2], call) then
  redis.call('HSET', KEYS[3], call, ARGV[2])
end
return 1
