"""Keys on PKCS#11 tokens: smart cards, USB keys, security modules, SoftHSM.

    uri        which key on which token, RFC 7512
    pins       the PIN from a file
    cell       a process of its own that holds the maker's module and the session
    signer     what the rest of the house sees: a Signer, and new keys

The module is native code of the token's maker. It runs only where a command names a token,
and never inside our process: one that hangs is ended, one that crashes ends nothing but itself.
"""
