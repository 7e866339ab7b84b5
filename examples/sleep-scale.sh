http localhost:8080/v1/apps/scale id=sleep instances=2
