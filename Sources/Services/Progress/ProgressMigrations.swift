import Postgres

/// The schema of the progress database. What stands here has run somewhere: add, never change.
enum ProgressMigrations {
    static let all = [
        Migration(
            1, "finished lessons",
            """
            CREATE TABLE finished_lessons (
                learner_id text NOT NULL,
                course_id uuid NOT NULL,
                lesson_id text NOT NULL,
                finished_at timestamptz NOT NULL DEFAULT now(),
                PRIMARY KEY (learner_id, course_id, lesson_id)
            );
            """)
    ]
}
