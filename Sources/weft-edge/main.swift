import Edge

EdgeProcess.run()
