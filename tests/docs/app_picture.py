"""`python -m tests.docs.app_picture`: the pages' picture of the app, of what its ScreenshotTest drew last."""

from PIL import Image

from benchmarks.console.places import ROOT

SCREENS = ("digit-phone-light", "gallery-phone-light", "camera-phone-dark", "model-phone-dark")
HEIGHT, GAP = 720, 14


def main() -> None:
    """Write docs/images/app.png: four screens beside each other, 720 pixels high."""
    screens = [Image.open(ROOT / "build" / "screenshots" / f"{name}.png").convert("RGB") for name in SCREENS]
    screens = [
        screen.resize((screen.width * HEIGHT // screen.height, HEIGHT), Image.Resampling.LANCZOS) for screen in screens
    ]
    width = sum(screen.width for screen in screens) + GAP * (len(screens) - 1)
    picture = Image.new("RGB", (width, HEIGHT), "white")
    left = 0
    for screen in screens:
        picture.paste(screen, (left, 0))
        left += screen.width + GAP
    picture.quantize(256, dither=Image.Dither.NONE).save(ROOT / "docs" / "images" / "app.png", optimize=True)


if __name__ == "__main__":
    main()
