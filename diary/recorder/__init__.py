"""The process that holds the microphone and the loudspeaker, and the core's side of it."""
