import Postgres

/// The schema of the course database. What stands here has run somewhere: add, never change.
enum CourseMigrations {
    static let all = [
        Migration(
            1, "courses and lessons",
            """
            CREATE TABLE courses (
                id uuid PRIMARY KEY,
                title text NOT NULL,
                summary text NOT NULL,
                level text NOT NULL CHECK (level IN ('unspecified', 'beginner', 'intermediate', 'advanced')),
                labels jsonb NOT NULL,
                weight int NOT NULL,
                revision bigint NOT NULL DEFAULT 1,
                created_at timestamptz NOT NULL DEFAULT now(),
                updated_at timestamptz NOT NULL DEFAULT now(),
                deleted_at timestamptz
            );

            -- Ids grow with time, so this is the order of the list as well.
            CREATE INDEX courses_present ON courses (id) WHERE deleted_at IS NULL;

            CREATE TABLE lessons (
                course_id uuid NOT NULL REFERENCES courses (id),
                id text NOT NULL,
                place int NOT NULL,
                title text NOT NULL,
                body_text text,
                video_url text,
                minutes int,
                PRIMARY KEY (course_id, id),
                CHECK (body_text IS NULL OR video_url IS NULL)
            );
            """),
        Migration(
            2, "changes are told",
            """
            CREATE FUNCTION tell_course_change() RETURNS trigger LANGUAGE plpgsql AS $$
            DECLARE
                kind text := CASE
                    WHEN TG_OP = 'INSERT' THEN 'created'
                    WHEN NEW.deleted_at IS NOT NULL THEN 'deleted'
                    ELSE 'updated'
                END;
            BEGIN
                PERFORM pg_notify('course_changes', kind || ' ' || NEW.id || ' ' || NEW.revision);
                RETURN NULL;
            END $$;

            CREATE TRIGGER course_changed AFTER INSERT OR UPDATE ON courses
                FOR EACH ROW EXECUTE FUNCTION tell_course_change();
            """),
        Migration(
            3, "a key for page tokens",
            """
            -- One row: all replicas must read each other's tokens.
            CREATE TABLE page_keys (only_one bool PRIMARY KEY DEFAULT true CHECK (only_one), key uuid NOT NULL);
            INSERT INTO page_keys (key) VALUES (gen_random_uuid());
            """),
    ]
}
