"""Trains the toy Whisper: an ordinary Whisper of 2 + 2 layers, in about a minute on two cores, seed fixed.

Helpers make it learn fast, and are thrown away after: the encoder is asked which word it hears at each place
and the how-manieth it is, and one decoder layer is shown where to look (guided attention, Tachibana 2018,
with the true places).

Whisper always encodes 30 seconds. Training sees the 3 seconds that hold sound and a random sample of the
empty places after them, and every sixteenth step sees all 1,500 places.
"""

from __future__ import annotations

import copy

import numpy as np
import torch
from faster_whisper.feature_extractor import FeatureExtractor
from torch import Tensor, nn
from torch.nn import functional
from transformers import WhisperConfig, WhisperForConditionalGeneration

from tests.toy_whisper.lessons import EOT, IGNORED, POSITIONS, SOT, TOKENS, VOCABULARY, Lesson, lesson

PLACES = 1500
WIDTH = 64
LESSONS = 500


def small_whisper(tokens: int) -> WhisperForConditionalGeneration:
    """A Whisper with the real architecture and small numbers."""
    return WhisperForConditionalGeneration(
        WhisperConfig(
            vocab_size=tokens, num_mel_bins=80, d_model=WIDTH, encoder_layers=2, decoder_layers=2,
            encoder_attention_heads=4, decoder_attention_heads=4, encoder_ffn_dim=4 * WIDTH,
            decoder_ffn_dim=4 * WIDTH, max_source_positions=PLACES, max_target_positions=448, dropout=0.0,
            pad_token_id=EOT, bos_token_id=EOT, eos_token_id=EOT, decoder_start_token_id=SOT,
            suppress_tokens=None, begin_suppress_tokens=None, attn_implementation="eager",
        )
    )  # fmt: skip


class Teacher:
    """Holds the model, the frame classifier and the optimiser; one call, one step."""

    def __init__(self, lessons: list[Lesson]) -> None:
        torch.manual_seed(20)
        self.model = small_whisper(TOKENS)
        for layer in self.model.model.encoder.layers:  # only the decoder's attention is looked at
            layer.self_attn.config = copy.copy(layer.self_attn.config)
            layer.self_attn.config._attn_implementation = "sdpa"
        self._frames = nn.Linear(WIDTH, len(VOCABULARY) + 1)
        self._order = nn.Linear(WIDTH, 5)  # sentences have four words at most
        self._lessons = lessons
        self._rng = np.random.default_rng(20)
        weights = [*self.model.parameters(), *self._frames.parameters(), *self._order.parameters()]
        self._optimiser = torch.optim.AdamW([w for w in weights if w.requires_grad], lr=1e-3)

    def step(self, number: int, rate: float) -> None:
        """Learn from some lessons at this rate."""
        whole = number % 16 == 15
        picked = self._rng.integers(0, len(self._lessons), 3 if whole else 12)
        loss, _ = self._tried([self._lessons[int(i)] for i in picked], PLACES - POSITIONS if whole else 40)
        self._optimiser.param_groups[0]["lr"] = rate
        self._optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self._optimiser.step()

    def examine(self, lessons: list[Lesson]) -> float:
        """The part of the words it gets right, with all 30 seconds to look at."""
        with torch.no_grad():
            return self._tried(lessons, PLACES - POSITIONS)[1]

    def _tried(self, chosen: list[Lesson], empty: int) -> tuple[Tensor, float]:
        """The loss, and the part of the words that are right."""
        hidden = self._encode(torch.from_numpy(np.stack([one.mel for one in chosen])), empty)
        length = max(len(one.given) for one in chosen)
        given = torch.tensor([one.given + [EOT] * (length - len(one.given)) for one in chosen])
        wanted = torch.tensor([one.wanted + [IGNORED] * (length - len(one.wanted)) for one in chosen])
        out = self.model.model.decoder(
            input_ids=given, encoder_hidden_states=hidden, use_cache=False, output_attentions=True
        )
        scores = self.model.proj_out(out.last_hidden_state)
        loss = functional.cross_entropy(scores.transpose(1, 2), wanted, ignore_index=IGNORED)
        labels = torch.from_numpy(np.stack([one.labels for one in chosen]))
        places = hidden[:, :POSITIONS]
        frames = functional.cross_entropy(self._frames(places).transpose(1, 2), labels[..., 0])
        order = functional.cross_entropy(self._order(places).transpose(1, 2), labels[..., 1])
        words = (wanted >= 0) & (wanted < len(VOCABULARY))
        right = float((scores.argmax(-1) == wanted)[words].float().mean())
        return loss + frames + order + _misplaced(out.cross_attentions[-1], chosen), right

    def _encode(self, mel: Tensor, empty: int) -> Tensor:
        encoder = self.model.model.encoder
        sound = self._convolved(mel)
        places = self._rng.choice(np.arange(POSITIONS, PLACES), empty, replace=False)
        nothing = self._convolved(torch.zeros(1, 80, 40))[:, 10:11].expand(len(mel), empty, -1)
        at = torch.from_numpy(np.concatenate([np.arange(POSITIONS), np.sort(places)]))
        hidden = torch.cat([sound, nothing], dim=1) + encoder.embed_positions.weight[at]
        for layer in encoder.layers:
            out = layer(hidden, None)
            hidden = out[0] if isinstance(out, tuple) else out
        return encoder.layer_norm(hidden)

    def _convolved(self, mel: Tensor) -> Tensor:
        encoder = self.model.model.encoder
        wide = functional.gelu(encoder.conv1(mel))
        return functional.gelu(encoder.conv2(wide)).permute(0, 2, 1)


def _misplaced(attention: Tensor, chosen: list[Lesson]) -> Tensor:
    """How little of two heads' attention, (batch, heads, out, in), lies on the word being written."""
    looked = attention[:, :2].mean(1)
    true = torch.zeros_like(looked)
    for row, one in enumerate(chosen):
        for place, span in enumerate(one.spans):
            if span is not None:
                true[row, place, span[0] : span[1]] = 1
    share = (looked * true).sum(-1)[true.amax(-1) > 0]
    return -torch.log(share + 1e-4).mean()


def train(*, avoid: list[list[str]]) -> WhisperForConditionalGeneration:
    """The trained model, with compact tokens; `avoid` holds sentences it must never have heard.

    After the first round it is asked for sentences it has not heard, and goes on while it gets words wrong:
    machines differ in the last bits of their sums, so no fixed number of steps is enough for all.
    """
    torch.set_num_threads(1)  # two that wait for each other cost five times the work on a busy machine
    extractor = FeatureExtractor()
    teacher = Teacher([lesson(1000 + i, extractor, avoid) for i in range(LESSONS)])
    unheard = [lesson(900_000 + i, extractor, []) for i in range(48)]
    for steps, rate, enough in (
        (440, 4e-3, 0.998),
        (160, 3e-3, 0.998),
        (160, 3e-3, 0.998),
        (320, 3e-3, 0.99),
    ):
        for number in range(steps):
            part = (number + 1) / steps
            teacher.step(number, rate * min(1.0, part / 0.1, (1.0 - part) / 0.35 + 0.01))
        right = teacher.examine(unheard)
        print(
            f"after {steps} steps more: {right:.3f} of the words of unheard sentences are right", flush=True
        )
        if right > enough:
            break
    return teacher.model.eval()
