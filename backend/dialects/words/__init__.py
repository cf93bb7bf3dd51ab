"""A sentence for every code in each language, with the error's facts as placeholders.

A dialect takes its language's and puts its own beside them where its contract says something else:
`words = spanish.WORDS | {"email_taken": "Ya existe un cliente con este correo"}`.
"""
