DROP INDEX conversations_by_age;
