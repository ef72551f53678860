import Sidecar

SidecarProcess.run()
