import ServiceKit
import Services

ServiceProcess.run("progress", purpose: "Keeps in Postgres who finished which lesson.") { parts in
    try await ProgressService.start(parts)
}
