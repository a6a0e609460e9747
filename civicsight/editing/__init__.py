"""A draft under edit without a screen: commands, what they change at once, what refuses them."""
