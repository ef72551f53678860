/// A whole mesh in one process: sidecars, control plane and services on virtual time and a simulated network.
package enum MeshSimulation {}
