"""What is in an image: its layers and packages, bills of materials, licences, and how two builds of it differ."""
