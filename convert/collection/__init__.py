"""The collection as a whole: which entries stay, how they relate, how they are cut."""
