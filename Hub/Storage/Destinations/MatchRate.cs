namespace IntegrationHub.Storage.Destinations;

/// <summary>How well a destination knows the people of an audience. Numbers of people, from 0.</summary>
/// <param name="Audience">The audience.</param>
/// <param name="Destination">The destination.</param>
/// <param name="People">Members of the audience.</param>
/// <param name="WithoutKey">Of these, who lack what the destination knows people by: they cannot be sent.</param>
/// <param name="SharingKey">Of these, who have that key in common with another member: the destination takes them for one.</param>
/// <param name="Held">Of these, whom the destination has, as far as the hub knows.</param>
/// <param name="HeldAsOne">Of those, for whom the destination has one record with another person.</param>
/// <param name="Members">Of these, who are members of the audience there.</param>
public sealed record MatchRate(string Audience, string Destination, long People, long WithoutKey, long SharingKey, long Held, long HeldAsOne, long Members)
{
    /// <summary>The share of the people whom the destination has, 0 to 1; null of nobody.</summary>
    public double? Rate => People == 0 ? null : (double)Held / People;
}
