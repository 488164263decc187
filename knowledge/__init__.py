"""What the assistant knows: policy, law notes, request types and wording, as data.

Nothing here knows of chats, tickets or programs; other packages build on this one.
"""
