"""Every model tuned alike on the same videos: tables, plots and pages."""
