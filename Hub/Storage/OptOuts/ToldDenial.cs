namespace IntegrationHub.Storage.OptOuts;

/// <summary>That a destination was told of somebody who may not be sent.</summary>
/// <param name="Name">Whom, as <see cref="ToldDenials.NameOfEmail"/> and <see cref="ToldDenials.NameOfRemoteId"/> name people.</param>
/// <param name="Topic">The destination's topic; empty for marketing e-mail as a whole.</param>
/// <param name="BeganAt">When the call was let out, by the hub's clock.</param>
/// <param name="EndedAt">When it was answered.</param>
public sealed record ToldDenial(string Name, string Topic, DateTimeOffset BeganAt, DateTimeOffset EndedAt);
