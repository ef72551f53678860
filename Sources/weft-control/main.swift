import Control

ControlProcess.run()
