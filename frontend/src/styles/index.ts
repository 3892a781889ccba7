/** The style sheets as one entry for the build: becomes `styles.css`. */
import './styles.css';
