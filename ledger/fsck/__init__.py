"""CHECK: everything that is stored, against what follows from the signed bytes."""
