import ServiceKit
import Services

ServiceProcess.run("course", purpose: "Keeps the catalogue of courses in Postgres.") { parts in
    try await CourseService.start(parts)
}
