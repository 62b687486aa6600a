-- Which attempts a title's own run has taken up. The others are reservations of a night, under the
-- night's id. Of those before, the id's beginning is all there is to go by.
ALTER TABLE nightreel.attempts ADD COLUMN adopted_at timestamptz;
UPDATE nightreel.attempts SET adopted_at = started_at WHERE owner NOT LIKE 'scheduled\_\_%';
