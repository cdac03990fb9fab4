// Play: the window moves with the clock, 1 to 20 times as fast.

export const SPEEDS = [1, 2, 5, 10, 20];
const STEP_MS = 100;

export class Player extends EventTarget {
    constructor(viewer) {
        super();
        this.viewer = viewer;
        this.speed = 1;
        this.timer = null;
    }

    get isPlaying() {
        return this.timer !== null;
    }

    toggle() {
        if (this.isPlaying) this.stop();
        else {
            this.last = performance.now();
            this.timer = setInterval(() => this.step(), STEP_MS);
        }
        this.dispatchEvent(new Event("change"));
    }

    stop() {
        clearInterval(this.timer);
        this.timer = null;
        this.dispatchEvent(new Event("change"));
    }

    /* What is not here yet is waited for, and the clock with it: nothing is passed over unseen. */
    step() {
        const now = performance.now(), {viewer} = this;
        if (!viewer.page || viewer.isLoading) {
            this.last = now;
            return;
        }
        const from = viewer.state.from + (now - this.last) * 1000 * this.speed;
        this.last = now;
        viewer.change({from});
        if (viewer.to >= viewer.end) this.stop();
    }
}
