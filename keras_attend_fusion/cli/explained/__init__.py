"""The page and the plot of one video's explanation."""
