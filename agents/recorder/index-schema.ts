/** Tables of an agent's index of its footage, `recordings/index.db`. One step a version (`user_version`); a released step is never edited. */
import type Database from 'better-sqlite3'

const steps = [`
  CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  -- The change number given last: every changed row gets the next one, in the transaction that changes it.
  CREATE TABLE counter (id INTEGER PRIMARY KEY CHECK (id = 1), change INTEGER NOT NULL);
  INSERT INTO counter VALUES (1, 0);
  CREATE TABLE segments (
    id TEXT PRIMARY KEY, device_id TEXT NOT NULL, profile TEXT NOT NULL, run_id TEXT NOT NULL,
    run_offset_ms INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    -- By the wall clock, and by the frames' own timestamps; those of the last report while open.
    wall_ms INTEGER NOT NULL, media_ms INTEGER NOT NULL,
    video_codec TEXT NOT NULL, audio_codec TEXT, width INTEGER NOT NULL, height INTEGER NOT NULL,
    frames INTEGER NOT NULL, key_frames INTEGER NOT NULL, bytes INTEGER NOT NULL CHECK (bytes >= 0),
    -- Hex, of the whole file; null while open.
    sha256 TEXT,
    volume_id TEXT NOT NULL,
    -- Relative to the volume, with /.
    path TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('open', 'closed', 'archived', 'damaged', 'missing', 'deleted')),
    end_reason TEXT, refilled INTEGER NOT NULL, detail TEXT,
    -- Work that was decided and must be finished after a crash: 'delete:<why>'; 'move:<volume id>', where it is being copied to; 'drop:<volume id>', where the copied file must still go.
    pending TEXT,
    -- When its hash was last compared with the file, ms; null never.
    checked_at INTEGER,
    change INTEGER NOT NULL
  ) WITHOUT ROWID;
  CREATE INDEX segments_device ON segments (device_id, started_at);
  CREATE UNIQUE INDEX segments_change ON segments (change);
  CREATE INDEX segments_volume ON segments (volume_id, status, started_at);
  CREATE INDEX segments_kept ON segments (device_id, started_at) WHERE status IN ('closed', 'archived', 'damaged');
  CREATE INDEX segments_to_check ON segments (checked_at) WHERE status IN ('closed', 'archived', 'damaged');
  CREATE INDEX segments_unfinished ON segments (status) WHERE status = 'open' OR pending IS NOT NULL;
  CREATE TABLE gaps (
    id TEXT PRIMARY KEY, device_id TEXT NOT NULL, from_at INTEGER NOT NULL,
    -- Null while it lasts.
    to_at INTEGER,
    cause TEXT NOT NULL, detail TEXT NOT NULL, change INTEGER NOT NULL
  ) WITHOUT ROWID;
  CREATE INDEX gaps_device ON gaps (device_id, from_at);
  CREATE UNIQUE INDEX gaps_open ON gaps (device_id) WHERE to_at IS NULL;
  CREATE UNIQUE INDEX gaps_change ON gaps (change);
  -- Legal holds as the server last told them.
  CREATE TABLE locks (id TEXT PRIMARY KEY, device_id TEXT NOT NULL, from_at INTEGER NOT NULL, to_at INTEGER NOT NULL) WITHOUT ROWID;
  CREATE INDEX locks_device ON locks (device_id, from_at);
  CREATE TABLE volumes (id TEXT PRIMARY KEY, state TEXT NOT NULL, change INTEGER NOT NULL) WITHOUT ROWID;
  CREATE UNIQUE INDEX volumes_change ON volumes (change);
`, `
  -- JSON (GapRefill): how far it was filled from the camera's own card; null: nobody tried.
  ALTER TABLE gaps ADD COLUMN refill TEXT;
`]

/** Brings the file to this version. @throws Error when it was made by a newer one. */
export function migrate (db: Database.Database) {
  const version = db.pragma('user_version', { simple: true }) as number
  if (version > steps.length) throw new Error(`The index of recordings is of version ${version}; this agent knows ${steps.length}: upgrade the agent.`)
  for (let step = version; step < steps.length; step++) {
    db.transaction(() => {
      db.exec(steps[step]!)
      db.pragma(`user_version = ${step + 1}`)
    }).immediate()
  }
}
