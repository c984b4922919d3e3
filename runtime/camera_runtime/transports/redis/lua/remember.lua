-- Say again which frames a stage has finished: a server that was restarted may not know. KEYS: one of the stage's,
-- for its slot. ARGV: prefix, seconds, stage, frame IDs…
for i = 4, #ARGV do mark(ARGV[1], ARGV[3], ARGV[i], ARGV[2]) end
return #ARGV - 3
