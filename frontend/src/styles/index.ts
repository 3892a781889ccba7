/** The style sheet as one entry for the build: becomes `styles.css`. */
import './tokens.css';
import './chat.css';
