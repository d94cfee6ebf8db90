"""The order of the rooms, and nothing else. Start reading here.

    file ─receive▶ text ─check▶ findings + typed tables ─merge▶ voorzieningen ─aggregate▶ cells
         ─protect▶ Protected ─publish▶ release plan ─store▶ release

Three walks, a module each:

    importing   a public source into the warehouse                       `imports.import_files`
    delivering  a delivery of a sender: checked, kept, brought to facts  `delivering.deliver`
    releasing   everything in the warehouse to one immutable release     `releasing.build_release`

The rooms are pure; only here are their expressions run, on the engine and the files that `store` opens.
Nothing is imported here: whoever only imports a source should not wait for the solvers of `protect`.
"""
