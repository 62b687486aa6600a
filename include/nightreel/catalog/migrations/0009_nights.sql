-- The night that made the claim; null for what a person asked for. `owner` becomes the title's
-- own run once that adopts the claim.
ALTER TABLE nightreel.attempts ADD COLUMN night text;
CREATE INDEX attempts_night ON nightreel.attempts (night) WHERE night IS NOT NULL;
