http localhost:8080/v1/apps/stop id=sleep
