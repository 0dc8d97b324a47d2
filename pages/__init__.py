"""The screens: one flat script each, with what they share in `common` and the charts in `figures`."""
