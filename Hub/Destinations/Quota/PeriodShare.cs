namespace IntegrationHub.Hub.Destinations.Quota;

/// <summary>How much of a long period's calls a lane may use.</summary>
/// <param name="Lane">The lane.</param>
/// <param name="OfAll">Share of the period's calls, whoever made them, after which it is refused, 0 to 1: the rest is for the lanes before it.</param>
/// <param name="Own">Share of the period's calls that it may make itself, 0 to 1: the rest is for the lanes after it, whenever their work comes.</param>
internal readonly record struct PeriodShare(string Lane, double OfAll, double Own);
