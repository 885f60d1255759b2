"""How like a style's references works are: `engine.critic.closeness`, as learning calls it."""

from engine.critic.closeness import closeness as closeness, references_of as references_of
