from .by_load import plot_pool_wait as plot_pool_wait
from .by_load import plot_response_by_load as plot_response_by_load
from .by_load import plot_savings_by_load as plot_savings_by_load
from .captions import add_caption as add_caption
from .captions import caption_of as caption_of
from .captions import sweep_caption as sweep_caption
from .claim_map_plot import plot_claim_map as plot_claim_map
from .distributions import plot_distributions as plot_distributions
from .distributions import plot_percentiles as plot_percentiles
from .distributions import plot_shift as plot_shift
from .figures import closed_figure as closed_figure
from .figures import save_figure as save_figure
from .figures import subplots as subplots
from .figures import verdict_figure as verdict_figure
<<<<<<< HEAD
from .forest import plot_forest as plot_forest
=======
from .forecast_plots import plot_decisive as plot_decisive
from .forecast_plots import plot_predicted as plot_predicted
from .forecast_plots import plot_ranking as plot_ranking
>>>>>>> 8a1f4b3aa2f8c77039d7c1cece3235eb3a7a584a
from .freeze import plot_freeze as plot_freeze
from .machine import plot_stalls as plot_stalls
from .saving_plots import plot_coverage as plot_coverage
from .saving_plots import plot_path as plot_path
from .saving_plots import plot_savings as plot_savings
from .stage_plots import plot_stages as plot_stages
from .stage_plots import plot_timeline as plot_timeline
from .style import COLOURS as COLOURS
from .style import STYLE as STYLE
from .style import VERDICT_COLOURS as VERDICT_COLOURS
