"""The judgement: staffing, chambers, plan. Pure functions over series and tables."""
