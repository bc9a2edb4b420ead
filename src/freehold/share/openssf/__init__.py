"""Model signatures in OpenSSF's form (Model Signing 1.0), made and checked offline with EC keys."""
