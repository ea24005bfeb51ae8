"""What is known of a project, in one format a module: pure, texts and values out, nothing printed."""
