-- Forgets a space. KEYS: the space's expiries, the space's sizes. ARGV: what stands before a name to make its key.
-- Returns how many entries were still there.
local found = 0
for _, name in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  found = found + redis.call('DEL', ARGV[1] .. name)
end
redis.call('DEL', KEYS[1], KEYS[2])
return found
