/// How the control plane is called in the mesh: every sidecar routes this name to it, by its own certificate.
public enum ControlName {
    public static let mesh = "weft-control"
}
