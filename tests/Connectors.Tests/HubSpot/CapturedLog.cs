using Microsoft.Extensions.Logging;

namespace Connectors.Tests.HubSpot;

/// <summary>Keeps every log line, with its structured values.</summary>
internal sealed class CapturedLog : ILoggerFactory, ILogger
{
    public List<string> Lines { get; } = [];

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        var values = state is IEnumerable<KeyValuePair<string, object?>> pairs ? string.Join(' ', pairs) : "";
        Lines.Add($"{formatter(state, exception)} {values} {exception}");
    }

    public void Dispose()
    {
    }
}
