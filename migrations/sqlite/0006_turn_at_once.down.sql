DROP VIEW ended_turns;
